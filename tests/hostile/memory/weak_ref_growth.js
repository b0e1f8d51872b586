// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(new WeakRef({ n: all.length }), { held: all.length });
})();
