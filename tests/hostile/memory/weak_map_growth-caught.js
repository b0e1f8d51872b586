// expect: memory_limit
// then: usable

// The keys are alive, so weakness does not help.
(() => {
  try {
    const weak = new WeakMap();
    const keys = [];
    for (;;) {
      const key = {};
      keys.push(key);
      weak.set(key, { key });
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
