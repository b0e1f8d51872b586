// expect: memory_limit
// then: usable

(() => {
  const set = new Set();
  for (;;) set.add([]);
})();
