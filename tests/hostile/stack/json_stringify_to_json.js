// expect: stack_limit
// then: usable

const o = { toJSON: () => JSON.stringify(o) };
JSON.stringify(o);
