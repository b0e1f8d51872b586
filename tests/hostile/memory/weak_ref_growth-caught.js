// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(new WeakRef({ n: all.length }), { held: all.length });
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
