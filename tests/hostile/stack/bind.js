// expect: stack_limit
// then: usable

function f() {
  return f.bind(null, 1)();
}
f();
