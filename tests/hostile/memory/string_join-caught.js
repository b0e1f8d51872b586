// expect: memory_limit
// then: usable

(() => {
  try {
    Array(1e5).fill('x'.repeat(1000)).join();
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
