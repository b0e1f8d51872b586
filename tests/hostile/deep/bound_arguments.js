// expect: ok
// then: usable

let f = (...all) => all.length;
for (let i = 0; i < 60; i++) f = f.bind(null, i);
f();
