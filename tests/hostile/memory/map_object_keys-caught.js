// expect: memory_limit
// then: usable

(() => {
  try {
    const map = new Map();
    for (;;) map.set({}, {});
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
