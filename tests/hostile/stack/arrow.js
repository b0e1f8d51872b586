// expect: stack_limit
// then: usable

const f = (n) => f(n + 1);
f(0);
