// expect: memory_limit
// then: usable

(() => {
  function* count() {
    for (let i = 0; ; i++) yield i;
  }
  try {
    [...count()];
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
