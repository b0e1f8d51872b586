// expect: stack_limit
// then: usable

const o = {
  get x() {
    return this.x;
  },
};
o.x;
