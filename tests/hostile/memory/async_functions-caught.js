// expect: memory_limit
// then: usable

// Each keeps its suspended frame.
(() => {
  try {
    const all = [];
    for (;;) all.push((async () => await new Promise(() => {}))());
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
