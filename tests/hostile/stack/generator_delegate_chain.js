// expect: stack_limit
// then: usable

// The chain grows by one a step until a step is too deep.
function* f(inner) {
  yield 0;
  yield* inner;
}
let it = f([1, 2]);
for (let i = 0; i < 100000; i++) {
  it.next();
  it = f(it);
}
it.next();
it.next();
