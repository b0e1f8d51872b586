// expect: stack_limit
// then: usable

const o = {
  get a() {
    return Object.assign({}, o);
  },
};
Object.assign({}, o);
