// expect: stack_limit
// then: usable

const o = {
  [Symbol.iterator]: () => ({
    next: () => ({ done: false, value: 0 }),
    return() {
      const [x] = o;
      return {};
    },
  }),
};
const [first] = o;
