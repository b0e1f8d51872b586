// expect: memory_limit
// then: any

(() => {
  const all = [];
  try {
    for (let n = 1n; ; n <<= 1000n) all.push(n << 100000n);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
