// expect: stack_limit
// then: usable

const f = () => new Map([[1, 2]]).forEach(f);
f();
