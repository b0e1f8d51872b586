// expect: stack_limit
// then: usable

const it = {
  next() {
    for (const x of it) return { done: true, value: x };
  },
  [Symbol.iterator]: () => it,
};
for (const x of it);
