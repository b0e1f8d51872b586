// expect: memory_limit
// then: usable

(() => {
  Float64Array.from({ length: 1e8 }, () => 1);
})();
