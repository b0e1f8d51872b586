// expect: time_limit|stack_limit
// then: usable

const p = new Proxy({}, { getPrototypeOf: () => p });
p instanceof Object;
