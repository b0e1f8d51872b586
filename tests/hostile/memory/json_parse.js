// expect: memory_limit
// then: usable

(() => {
  JSON.parse('[' + '{"a":1},'.repeat(1e6) + '0]');
})();
