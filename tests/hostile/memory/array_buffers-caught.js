// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(new ArrayBuffer(1e6));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
