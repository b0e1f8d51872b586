// expect: memory_limit
// then: usable

(() => {
  const registry = new FinalizationRegistry(() => {});
  const all = [];
  for (;;) {
    const o = {};
    all.push(o);
    registry.register(o, 'note', o);
  }
})();
