// expect: stack_limit
// then: usable

const o = {
  get a() {
    return { ...o };
  },
};
({ ...o });
