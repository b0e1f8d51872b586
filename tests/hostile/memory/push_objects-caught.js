// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push({});
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
