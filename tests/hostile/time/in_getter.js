// expect: time_limit
// then: usable

const o = {
  get x() {
    for (;;);
  },
};
o.x;
