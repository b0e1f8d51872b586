// expect: memory_limit
// then: usable

// Six characters for each.
(() => {
  JSON.stringify('\u0001'.repeat(1e7));
})();
