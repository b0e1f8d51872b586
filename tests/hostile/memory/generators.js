// expect: memory_limit
// then: usable

(() => {
  function* count() {
    for (let i = 0; ; i++) yield i;
  }
  const all = [];
  for (;;) {
    const it = count();
    it.next();
    all.push(it);
  }
})();
