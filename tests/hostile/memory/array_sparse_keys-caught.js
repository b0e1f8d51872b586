// expect: memory_limit
// then: usable

// Holes turn the array into a table of properties.
(() => {
  try {
    const a = [];
    for (let i = 0; ; i += 1000) a[i] = i;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
