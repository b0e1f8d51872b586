// expect: memory_limit
// then: usable

(() => {
  const grow = (n) => (n === 0 ? null : { left: grow(n - 1), right: grow(n - 1) });
  grow(28);
})();
