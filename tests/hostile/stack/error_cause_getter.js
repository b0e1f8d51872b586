// expect: stack_limit
// then: usable

const options = {
  get cause() {
    return new Error('x', options);
  },
};
new Error('x', options);
