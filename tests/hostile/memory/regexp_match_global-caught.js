// expect: memory_limit
// then: usable

(() => {
  const text = 'a'.repeat(2e7);
  try {
    text.match(/./g);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
