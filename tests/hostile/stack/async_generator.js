// expect: stack_limit
// then: usable
// await: completion

async function* f() {
  for await (const x of f()) yield x;
}
f().next();
