// expect: stack_limit
// then: usable

const scope = {
  x: 1,
  get [Symbol.unscopables]() {
    with (scope) return x;
  },
};
with (scope) x;
