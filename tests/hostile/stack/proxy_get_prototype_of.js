// expect: stack_limit
// then: usable

const p = new Proxy({}, { getPrototypeOf: () => Object.getPrototypeOf(p) });
Object.getPrototypeOf(p);
