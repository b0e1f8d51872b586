// expect: memory_limit
// then: usable

(() => {
  try {
    Float64Array.from({ length: 1e8 }, () => 1);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
