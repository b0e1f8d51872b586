// expect: memory_limit
// then: usable

(() => {
  const set = new Set();
  for (let i = 0; ; i++) set.add('v' + i);
})();
