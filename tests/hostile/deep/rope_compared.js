// expect: ok
// then: usable

let a = 'x';
let b = 'x';
for (let i = 0; i < 200000; i++) {
  a = a + 'ab';
  b = b + 'ab';
}
a === b && new Map([[a, 1]]).get(b) === 1;
