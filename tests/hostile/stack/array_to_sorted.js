// expect: stack_limit
// then: usable

const f = () => [3, 2, 1].toSorted(f).length;
f();
