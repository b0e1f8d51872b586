// expect: stack_limit
// then: usable

function f() {
  return Reflect.apply(f, null, []);
}
f();
