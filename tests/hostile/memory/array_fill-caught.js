// expect: memory_limit
// then: usable

(() => {
  try {
    Array(1e8).fill(0);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
