// expect: memory_limit
// then: usable

// One request, far over the limit.
(() => {
  try {
    new ArrayBuffer(1e9);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
