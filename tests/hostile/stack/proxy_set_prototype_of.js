// expect: stack_limit
// then: usable

const p = new Proxy({}, { setPrototypeOf: (target, value) => Reflect.setPrototypeOf(p, value) });
Object.setPrototypeOf(p, null);
