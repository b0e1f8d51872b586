// expect: stack_limit
// then: usable

let p = {};
for (let i = 0; i < 100000; i++) p = new Proxy(p, {});
Object.getPrototypeOf(p);
