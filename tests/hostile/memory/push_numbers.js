// expect: memory_limit
// then: usable

// The array grows by half each time: the last request alone is tens of MiB.
(() => {
  const all = [];
  for (;;) all.push(0.5);
})();
