// expect: stack_limit
// then: usable

const o = {
  get a() {
    const { a } = o;
    return a;
  },
};
const { a } = o;
