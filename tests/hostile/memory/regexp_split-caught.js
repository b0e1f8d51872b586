// expect: memory_limit
// then: usable

(() => {
  const text = 'ab'.repeat(5e6);
  try {
    text.split(/(b)/);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
