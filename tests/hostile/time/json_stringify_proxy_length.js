// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

JSON.stringify(new Proxy([], { get: (t, key) => (key === 'length' ? 2 ** 53 - 1 : undefined) }));
