// expect: memory_limit
// then: usable

(() => {
  try {
    const o = {};
    for (;;) o[Symbol()] = 1;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
