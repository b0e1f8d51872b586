// expect: memory_limit
// then: usable

(() => {
  try {
    'a'.repeat(1e6).replaceAll('a', 'b'.repeat(100));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
