// expect: time_limit
// then: any

// The callback is never called: nothing polls.
const a = [];
a.length = 2 ** 32 - 1;
a.every((x) => x);
