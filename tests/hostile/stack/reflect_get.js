// expect: stack_limit
// then: usable

const o = {
  get x() {
    return Reflect.get(o, 'x');
  },
};
o.x;
