// expect: memory_limit
// then: usable

(() => {
  try {
    const grow = (n) => (n === 0 ? null : { left: grow(n - 1), right: grow(n - 1) });
    grow(28);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
