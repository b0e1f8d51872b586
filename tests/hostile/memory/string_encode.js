// expect: memory_limit
// then: usable

// Nine characters for each.
(() => {
  encodeURIComponent('\u20ac'.repeat(1e7));
})();
