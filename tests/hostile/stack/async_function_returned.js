// expect: stack_limit
// then: usable
// await: completion

async function f() {
  return f();
}
f();
