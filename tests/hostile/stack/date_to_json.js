// expect: stack_limit
// then: usable

const o = { toISOString: () => Date.prototype.toJSON.call(o), valueOf: () => 1 };
Date.prototype.toJSON.call(o);
