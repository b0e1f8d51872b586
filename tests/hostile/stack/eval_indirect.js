// expect: stack_limit
// then: usable

globalThis.f = () => (0, eval)('f()');
f();
