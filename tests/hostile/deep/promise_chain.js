// expect: ok
// then: usable

let p = Promise.resolve(0);
for (let i = 0; i < 50000; i++) p = p.then((n) => n + 1);
'queued';
