// expect: memory_limit
// then: any

(() => {
  const all = [];
  for (let n = 1n; ; n <<= 1000n) all.push(n << 100000n);
})();
