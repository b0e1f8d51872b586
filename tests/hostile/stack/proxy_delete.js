// expect: stack_limit
// then: usable

const p = new Proxy({}, { deleteProperty: (target, key) => delete p[key] });
delete p.x;
