// expect: memory_limit
// then: usable

(() => {
  try {
    '\u0149'.repeat(1e7).normalize('NFKD');
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
