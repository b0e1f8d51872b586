// expect: memory_limit
// then: usable

(() => {
  try {
    Array.from({ length: 1e8 }, (_, i) => i);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
