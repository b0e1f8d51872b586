// expect: stack_limit
// then: usable

const o = {
  m() {
    return this.m();
  },
};
o.m();
