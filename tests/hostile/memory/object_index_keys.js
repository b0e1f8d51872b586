// expect: memory_limit
// then: usable

(() => {
  const o = {};
  for (let i = 0; ; i++) o[i * 3] = i;
})();
