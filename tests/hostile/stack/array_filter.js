// expect: stack_limit
// then: usable

const f = () => [1].filter(f);
f();
