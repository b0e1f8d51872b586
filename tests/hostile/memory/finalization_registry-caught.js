// expect: memory_limit
// then: usable

(() => {
  try {
    const registry = new FinalizationRegistry(() => {});
    const all = [];
    for (;;) {
      const o = {};
      all.push(o);
      registry.register(o, 'note', o);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
