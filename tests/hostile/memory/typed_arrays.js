// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(new Uint32Array(65536));
})();
