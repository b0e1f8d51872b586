// expect: stack_limit
// then: usable

const f = () => [1, 2].reduce(f);
f();
