// expect: stack_limit
// then: usable
// await: completion

const f = async () => {
  try {
    return await f();
  } finally {
    f.done = true;
  }
};
f();
