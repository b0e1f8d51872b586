// expect: stack_limit
// then: usable

const descriptor = {
  get value() {
    return Object.defineProperty({}, 'x', descriptor);
  },
};
Object.defineProperty({}, 'x', descriptor);
