// expect: memory_limit
// then: usable

(() => {
  try {
    let set = new Set(['a']);
    for (let i = 0; ; i++) set = set.union(new Set([...set].map((v) => v + i)));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
