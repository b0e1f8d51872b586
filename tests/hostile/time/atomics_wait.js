// expect: threw
// then: usable

// There must be no way to sleep.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
