// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

Reflect.ownKeys(new Proxy({}, { ownKeys: () => ({ length: 2 ** 32 - 1 }) }));
