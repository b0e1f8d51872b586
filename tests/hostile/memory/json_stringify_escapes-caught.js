// expect: memory_limit
// then: usable

// Six characters for each.
(() => {
  try {
    JSON.stringify('\u0001'.repeat(1e7));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
