// expect: memory_limit
// then: usable

(() => {
  try {
    JSON.stringify(new Array(1e6).fill('a'.repeat(100)));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
