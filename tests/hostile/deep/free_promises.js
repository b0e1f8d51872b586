// expect: ok
// then: usable

let p = new Promise(() => {});
for (let i = 0; i < 50000; i++) {
  const before = p;
  p = new Promise((resolve) => resolve(before));
}
p = null;
'freed';
