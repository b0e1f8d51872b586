// expect: stack_limit
// then: usable

const o = {
  get a() {
    return JSON.stringify(o);
  },
};
JSON.stringify(o);
