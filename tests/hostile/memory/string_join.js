// expect: memory_limit
// then: usable

(() => {
  Array(1e5).fill('x'.repeat(1000)).join();
})();
