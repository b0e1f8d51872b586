// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) {
    try {
      all.push(new Uint8Array(1e5));
    } finally {
      all.push({});
    }
  }
})();
