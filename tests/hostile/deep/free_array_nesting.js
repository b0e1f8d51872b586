// expect: ok
// then: usable

let nested = [];
for (let i = 0; i < 500000; i++) nested = [nested];
nested = null;
'freed';
