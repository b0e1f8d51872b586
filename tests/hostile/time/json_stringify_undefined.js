// expect: time_limit
// then: any

// The same, but nothing is ever written: memory does not grow.
let o = { a: undefined };
for (let i = 0; i < 60; i++) o = { a: o, b: o };
JSON.stringify(o, (key, value) => (key === '' || typeof value === 'object' ? value : undefined));
