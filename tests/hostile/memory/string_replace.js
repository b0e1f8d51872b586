// expect: memory_limit
// then: usable

(() => {
  'a'.repeat(1e6).replaceAll('a', 'b'.repeat(100));
})();
