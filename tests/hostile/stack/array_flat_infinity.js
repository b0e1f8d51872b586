// expect: stack_limit
// then: usable

let nested = [];
for (let i = 0; i < 200000; i++) nested = [nested];
nested.flat(Infinity);
