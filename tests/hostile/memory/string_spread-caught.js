// expect: memory_limit
// then: usable

(() => {
  try {
    [...'a'.repeat(3e7)];
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
