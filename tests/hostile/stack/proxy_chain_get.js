// expect: stack_limit
// then: usable

// 100,000 proxies around each other, without a trap.
let p = {};
for (let i = 0; i < 100000; i++) p = new Proxy(p, {});
p.x;
