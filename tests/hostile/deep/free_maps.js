// expect: ok
// then: usable

let map = new Map();
for (let i = 0; i < 50000; i++) map = new Map([[map, map]]);
map = null;
'freed';
