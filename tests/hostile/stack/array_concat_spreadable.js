// expect: stack_limit
// then: usable

const o = {
  get [Symbol.isConcatSpreadable]() {
    return [].concat(o);
  },
};
[].concat(o);
