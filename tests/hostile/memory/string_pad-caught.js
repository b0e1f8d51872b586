// expect: memory_limit
// then: usable

(() => {
  try {
    'x'.padEnd(5e8, 'abc');
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
