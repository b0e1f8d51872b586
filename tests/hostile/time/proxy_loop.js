// expect: time_limit
// then: usable

const p = new Proxy({}, { get: () => true });
while (p.anything);
