// expect: memory_limit
// then: usable

(() => {
  const values = Array.from({ length: 1000 }, (_, i) => i);
  const all = [];
  for (;;) all.push(((...xs) => xs).bind(null, ...values));
})();
