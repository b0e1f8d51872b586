// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) {
      try {
        all.push(new Uint8Array(1e5));
      } finally {
        all.push({});
      }
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
