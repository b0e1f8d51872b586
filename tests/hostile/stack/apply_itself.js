// expect: stack_limit
// then: usable

// Only built-ins on the stack, apart from the last call.
const apply = Function.prototype.apply;
function f() {
  return apply.call(apply, f, [null, []]);
}
f();
