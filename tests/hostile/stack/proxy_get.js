// expect: stack_limit
// then: usable

const p = new Proxy({}, { get: (target, key, receiver) => receiver[key] });
p.x;
