// expect: memory_limit
// then: usable

(() => {
  Array(1e8).fill(0);
})();
