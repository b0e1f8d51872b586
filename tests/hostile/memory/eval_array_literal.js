// expect: memory_limit
// then: usable

// The text alone takes 40 MB.
(() => {
  eval('[' + '1,'.repeat(2e7) + ']');
})();
