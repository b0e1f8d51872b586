// expect: memory_limit
// then: usable

// Holes turn the array into a table of properties.
(() => {
  const a = [];
  for (let i = 0; ; i += 1000) a[i] = i;
})();
