// expect: stack_limit
// then: usable

function* f() {
  f().next();
}
f().next();
