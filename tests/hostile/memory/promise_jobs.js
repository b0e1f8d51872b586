// expect: memory_limit
// then: usable

// The jobs cannot run before the script ends.
(() => {
  for (;;) Promise.resolve(1).then((n) => n + 1);
})();
