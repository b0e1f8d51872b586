// expect: stack_limit
// then: usable

const o = { valueOf: () => new Date(o) };
new Date(o);
