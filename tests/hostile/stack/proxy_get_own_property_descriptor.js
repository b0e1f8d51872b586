// expect: stack_limit
// then: usable

const p = new Proxy({}, { getOwnPropertyDescriptor: (target, key) => Object.getOwnPropertyDescriptor(p, key) });
Object.hasOwn(p, 'x');
