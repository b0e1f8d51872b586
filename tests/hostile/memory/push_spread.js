// expect: memory_limit
// then: usable

// The arguments of a spread call pass over the stack.
(() => {
  const all = Array(5000).fill(1);
  for (;;) all.push(...all.slice(0, 5000));
})();
