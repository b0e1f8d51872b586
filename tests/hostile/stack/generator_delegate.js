// expect: stack_limit
// then: usable

function* f() {
  yield* f();
}
f().next();
