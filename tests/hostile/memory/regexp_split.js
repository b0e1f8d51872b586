// expect: memory_limit
// then: usable

(() => {
  const text = 'ab'.repeat(5e6);
  text.split(/(b)/);
})();
