// expect: stack_limit
// then: usable

const p = new Proxy(class {}, { construct: () => new p() });
new p();
