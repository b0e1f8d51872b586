// expect: stack_limit
// then: usable

const o = {
  get a() {
    return Object.entries(o);
  },
};
Object.entries(o);
