// expect: stack_limit
// then: usable

function f() {
  f();
}
f();
