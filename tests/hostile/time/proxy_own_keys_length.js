// expect: threw
// then: usable

Reflect.ownKeys(new Proxy({}, { ownKeys: () => ({ length: 2 ** 32 - 1 }) }));
