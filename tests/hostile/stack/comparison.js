// expect: stack_limit
// then: usable

const o = { valueOf: () => (o < 1 ? 1 : 2) };
o > 0;
