// expect: memory_limit
// then: usable

// The keys are alive, so weakness does not help.
(() => {
  const weak = new WeakMap();
  const keys = [];
  for (;;) {
    const key = {};
    keys.push(key);
    weak.set(key, { key });
  }
})();
