// expect: memory_limit
// then: usable

(() => {
  Array.from({ length: 1e8 }, (_, i) => i);
})();
