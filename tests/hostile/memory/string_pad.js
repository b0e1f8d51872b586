// expect: memory_limit
// then: usable

(() => {
  'x'.padEnd(5e8, 'abc');
})();
