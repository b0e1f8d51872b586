// expect: memory_limit
// then: usable

// Indentation is quadratic in the depth.
(() => {
  let nested = [];
  for (let i = 0; i < 100; i++) nested = Array(3).fill(nested).slice(0, i < 12 ? 3 : 1);
  try {
    JSON.stringify(nested, null, 10);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
