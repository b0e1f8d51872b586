// expect: stack_limit
// then: usable

const handler = {};
const p = new Proxy({}, handler);
Object.setPrototypeOf(handler, new Proxy({}, p));
p.x;
Object.setPrototypeOf(handler, p);
p.x;
