// expect: memory_limit
// then: usable

(() => {
  const o = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ['k' + i, i]));
  const all = [];
  for (;;) all.push(Object.entries(o));
})();
