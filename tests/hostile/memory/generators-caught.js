// expect: memory_limit
// then: usable

(() => {
  function* count() {
    for (let i = 0; ; i++) yield i;
  }
  try {
    const all = [];
    for (;;) {
      const it = count();
      it.next();
      all.push(it);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
