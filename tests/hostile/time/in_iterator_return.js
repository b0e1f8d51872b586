// expect: time_limit
// then: usable

const o = {
  [Symbol.iterator]: () => ({
    next: () => ({ done: false }),
    return() {
      for (;;);
    },
  }),
};
const [first] = o;
