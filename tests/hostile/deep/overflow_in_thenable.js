// expect: stack_limit
// then: usable

const o = {
  get then() {
    return Promise.resolve(o);
  },
};
Promise.resolve(o).constructor === Promise;
