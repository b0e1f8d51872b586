// expect: ok
// then: usable

let o = {};
for (let i = 0; i < 200000; i++) o = Object.create(o);
o = null;
'freed';
