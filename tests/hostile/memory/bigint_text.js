// expect: memory_limit
// then: usable

(() => {
  const n = 2n ** 500000n;
  const all = [];
  for (;;) all.push(n.toString(2));
})();
