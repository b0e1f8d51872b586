// expect: memory_limit
// then: usable

(() => {
  const text = 'a'.repeat(1e6);
  text.replace(/a/g, 'b'.repeat(100));
})();
