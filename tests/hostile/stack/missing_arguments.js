// expect: stack_limit
// then: usable

// Arguments that the caller leaves out are copied into a fresh frame.
const names = Array.from({ length: 500 }, (_, i) => 'p' + i);
globalThis.self = new Function(...names, 'return self(1);');
self();
