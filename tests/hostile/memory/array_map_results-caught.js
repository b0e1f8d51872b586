// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(Array(1000).fill(0).map((_, i) => ({ i })));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
