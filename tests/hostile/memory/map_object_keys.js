// expect: memory_limit
// then: usable

(() => {
  const map = new Map();
  for (;;) map.set({}, {});
})();
