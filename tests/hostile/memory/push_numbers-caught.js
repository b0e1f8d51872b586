// expect: memory_limit
// then: usable

// The array grows by half each time: the last request alone is tens of MiB.
(() => {
  try {
    const all = [];
    for (;;) all.push(0.5);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
