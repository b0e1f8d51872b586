// expect: stack_limit
// then: usable

const p = new Proxy({}, { defineProperty: (target, key, descriptor) => Reflect.defineProperty(p, key, descriptor) });
Object.defineProperty(p, 'x', { value: 1 });
