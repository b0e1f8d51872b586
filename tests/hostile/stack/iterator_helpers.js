// expect: stack_limit
// then: usable

const f = () => [1].values().map(f).toArray();
f();
