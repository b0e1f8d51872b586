// expect: memory_limit
// then: usable

(() => {
  const pending = new Promise(() => {});
  try {
    for (;;) pending.then(() => 1);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
