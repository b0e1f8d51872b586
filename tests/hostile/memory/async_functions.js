// expect: memory_limit
// then: usable

// Each keeps its suspended frame.
(() => {
  const all = [];
  for (;;) all.push((async () => await new Promise(() => {}))());
})();
