// expect: memory_limit
// then: usable

(() => {
  try {
    let error = new Error('first');
    for (;;) error = new Error('next', { cause: error });
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
