// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(new ArrayBuffer(1e6));
})();
