// expect: memory_limit
// then: usable

(() => {
  try {
    Object.keys(new Proxy({}, { ownKeys: () => Array.from({ length: 1e7 }, (_, i) => 'k' + i) }));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
