// expect: stack_limit
// then: usable

const p = new Proxy({}, { ownKeys: () => Reflect.ownKeys(p) });
Object.keys(p);
