// expect: ok
// then: usable
// await: completion

// Recursion through the job queue does not use the stack.
async function count(n) {
  await null;
  return n === 0 ? 'done' : count(n - 1);
}
count(5000);
