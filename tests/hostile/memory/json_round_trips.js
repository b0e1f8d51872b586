// expect: memory_limit
// then: usable

(() => {
  for (let value = ['x'.repeat(1000)]; ; ) value = [value, JSON.parse(JSON.stringify(value))];
})();
