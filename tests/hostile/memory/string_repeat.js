// expect: memory_limit
// then: usable

// Below the longest string, above the limit.
(() => {
  'x'.repeat(2 ** 29);
})();
