// expect: time_limit
// then: usable

const endless = { next: () => ({ done: false, value: 1 }), __proto__: Iterator.prototype };
endless.drop(2 ** 53 - 1).next();
