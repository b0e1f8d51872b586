// expect: ok
// then: usable

let o = {};
for (let i = 0; i < 100000; i++) o = Object.create(o);
'missing' in o;
