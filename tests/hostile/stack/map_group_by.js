// expect: stack_limit
// then: usable

const f = () => Map.groupBy([1], f);
f();
