// expect: memory_limit
// then: usable

(() => {
  try {
    new Float64Array(1e8);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
