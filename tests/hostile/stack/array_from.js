// expect: stack_limit
// then: usable

const f = () => Array.from([1], f);
f();
