// expect: stack_limit
// then: usable

// The look-up of a missing key climbs to the proxy itself.
const p = new Proxy({}, {});
Object.setPrototypeOf(p, p);
p.missing;
