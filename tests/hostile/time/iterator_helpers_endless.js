// expect: time_limit
// then: usable

const endless = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]: () => endless };
Iterator.from(endless).filter(() => false).next();
