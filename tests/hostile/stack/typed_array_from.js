// expect: stack_limit
// then: usable

const f = () => Uint8Array.from([1], f).length;
f();
