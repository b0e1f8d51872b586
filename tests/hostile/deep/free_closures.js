// expect: ok
// then: usable

let f = () => 0;
for (let i = 0; i < 100000; i++) {
  const before = f;
  f = () => before;
}
f = null;
'freed';
