// expect: memory_limit
// then: usable

(() => {
  const text = 'a'.repeat(1e6);
  try {
    text.replace(/a/g, 'b'.repeat(100));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
