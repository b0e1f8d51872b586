// expect: stack_limit
// then: usable

const f = () => [1].forEach(f);
f();
