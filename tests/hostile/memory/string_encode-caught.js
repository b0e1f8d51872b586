// expect: memory_limit
// then: usable

// Nine characters for each.
(() => {
  try {
    encodeURIComponent('\u20ac'.repeat(1e7));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
