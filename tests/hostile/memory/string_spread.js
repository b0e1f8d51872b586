// expect: memory_limit
// then: usable

(() => {
  [...'a'.repeat(3e7)];
})();
