// expect: memory_limit
// then: usable

(() => {
  let set = new Set(['a']);
  for (let i = 0; ; i++) set = set.union(new Set([...set].map((v) => v + i)));
})();
