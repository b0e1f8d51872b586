// expect: stack_limit
// then: usable

const p = new Proxy(() => 0, { apply: () => p() });
p();
