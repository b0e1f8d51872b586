// expect: ok
// then: usable

let nested = [1];
for (let i = 0; i < 200; i++) nested = [nested];
nested.flat(Infinity).length;
