// expect: memory_limit
// then: usable

(() => {
  JSON.stringify(new Array(1e6).fill('a'.repeat(100)));
})();
