// expect: memory_limit
// then: usable

(() => {
  try {
    let a = [1, 2, 3];
    for (;;) a = [...a, ...a];
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
