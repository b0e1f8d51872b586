// expect: time_limit|stack_limit
// then: usable

// `for in` walks a prototype chain without an end.
const p = new Proxy({}, { getPrototypeOf: () => p });
for (const key in p);
