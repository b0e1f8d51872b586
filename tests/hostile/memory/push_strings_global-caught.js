// expect: memory_limit
// then: any

// What the global object holds stays: the VM may have no room for anything more.
(() => {
  globalThis.hoard = [];
  try {
    for (;;) globalThis.hoard.push('x'.repeat(1e6) + globalThis.hoard.length);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
