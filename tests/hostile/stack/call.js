// expect: stack_limit
// then: usable

function f() {
  return f.call(this, 1, 2);
}
f();
