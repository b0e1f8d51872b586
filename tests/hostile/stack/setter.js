// expect: stack_limit
// then: usable

const o = {
  set x(v) {
    this.x = v + 1;
  },
};
o.x = 0;
