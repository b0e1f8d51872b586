// expect: memory_limit
// then: usable

(() => {
  const text = 'a'.repeat(2e7);
  text.match(/./g);
})();
