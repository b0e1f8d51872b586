// expect: ok
// then: usable

// The matcher keeps its own stack on the heap.
/^(?:a|b)*$/.test('ab'.repeat(30000));
