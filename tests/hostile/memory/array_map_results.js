// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(Array(1000).fill(0).map((_, i) => ({ i })));
})();
