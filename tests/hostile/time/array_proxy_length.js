// expect: time_limit
// then: any

Array.prototype.includes.call(new Proxy([], { get: (t, key) => (key === 'length' ? 2 ** 53 - 1 : undefined) }), 1);
