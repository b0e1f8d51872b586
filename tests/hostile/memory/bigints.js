// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (let n = 2n ** 60000n; ; n++) all.push(n);
})();
