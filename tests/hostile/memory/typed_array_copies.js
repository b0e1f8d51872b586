// expect: memory_limit
// then: usable

(() => {
  const one = new Float64Array(1e5);
  const all = [];
  for (;;) all.push(one.map((x) => x));
})();
