// expect: stack_limit
// then: usable

const p = new Proxy({}, { has: (target, key) => key in p });
'x' in p;
