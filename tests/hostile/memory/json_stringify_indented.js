// expect: memory_limit
// then: usable

// Indentation is quadratic in the depth.
(() => {
  let nested = [];
  for (let i = 0; i < 100; i++) nested = Array(3).fill(nested).slice(0, i < 12 ? 3 : 1);
  JSON.stringify(nested, null, 10);
})();
