// expect: stack_limit
// then: usable

const f = () => [1].some(() => [1].every(() => [1].find(f)));
f();
