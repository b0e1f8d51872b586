// expect: memory_limit
// then: usable

(() => {
  try {
    let f = () => 0;
    for (;;) {
      const before = f;
      f = () => before;
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
