// expect: memory_limit
// then: usable

// The jobs cannot run before the script ends.
(() => {
  try {
    for (;;) Promise.resolve(1).then((n) => n + 1);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
