// expect: time_limit
// then: usable

const again = () => Promise.reject(1).catch(again);
again();
'queued';
