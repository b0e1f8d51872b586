// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

Reflect.ownKeys(new Proxy({}, { ownKeys: () => new Array(1e7).fill('a') }));
