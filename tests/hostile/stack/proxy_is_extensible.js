// expect: stack_limit
// then: usable

const p = new Proxy({}, { isExtensible: () => Object.isExtensible(p) });
Object.isExtensible(p);
