// expect: time_limit
// then: usable

// A built-in pulls from an iterator that never ends.
const endless = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]: () => endless };
new Set(endless);
