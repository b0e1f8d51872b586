// expect: ok
// then: usable

// Each suspended generator holds the one before.
function* hold(value) {
  yield value;
}
let it = null;
for (let i = 0; i < 50000; i++) {
  it = hold(it);
  it.next();
}
it = null;
'freed';
