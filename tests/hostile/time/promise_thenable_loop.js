// expect: time_limit
// then: usable

const thenable = { then: (resolve) => resolve(thenable) };
Promise.resolve(thenable);
'queued';
