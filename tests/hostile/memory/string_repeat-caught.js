// expect: memory_limit
// then: usable

// Below the longest string, above the limit.
(() => {
  try {
    'x'.repeat(2 ** 29);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
