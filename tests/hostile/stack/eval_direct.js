// expect: stack_limit
// then: usable

function f() {
  eval('f()');
}
f();
