// expect: memory_limit
// then: usable

(() => {
  function* count() {
    for (let i = 0; ; i++) yield i;
  }
  try {
    count().map((n) => ({ n })).toArray();
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
