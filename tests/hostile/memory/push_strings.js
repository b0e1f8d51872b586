// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push('x'.repeat(1e6) + all.length);
})();
