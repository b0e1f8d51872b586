// expect: stack_limit
// then: usable

Object.defineProperty(Object.prototype, 'deep', {
  get() {
    return [].deep;
  },
});
(1).deep;
