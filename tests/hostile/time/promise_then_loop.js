// expect: time_limit
// then: usable

// The script ends at once; the jobs never do.
const again = () => Promise.resolve().then(again);
again();
'queued';
