// expect: stack_limit
// then: usable

const entry = { get 0() { return new Map([entry]); } };
new Map([entry]);
