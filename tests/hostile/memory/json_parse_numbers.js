// expect: memory_limit
// then: usable

(() => {
  JSON.parse('[' + '1,'.repeat(1e7) + '1]');
})();
