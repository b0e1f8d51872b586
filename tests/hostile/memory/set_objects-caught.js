// expect: memory_limit
// then: usable

(() => {
  try {
    const set = new Set();
    for (;;) set.add([]);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
