// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (let xs = Array.from({ length: 500 }, (_, i) => i); ; ) {
    const [first, ...rest] = xs;
    all.push(rest);
  }
})();
