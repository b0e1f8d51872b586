// expect: stack_limit
// then: usable

const p = new Proxy({}, { preventExtensions: () => Reflect.preventExtensions(p) });
Object.preventExtensions(p);
