// expect: ok
// then: usable

// IsArray looks through proxies in a loop.
let p = [];
for (let i = 0; i < 100000; i++) p = new Proxy(p, {});
Array.isArray(p);
