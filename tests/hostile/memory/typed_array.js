// expect: memory_limit
// then: usable

(() => {
  new Float64Array(1e8);
})();
