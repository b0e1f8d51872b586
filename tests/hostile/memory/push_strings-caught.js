// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push('x'.repeat(1e6) + all.length);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
