// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (let xs = Array.from({ length: 500 }, (_, i) => i); ; ) {
      const [first, ...rest] = xs;
      all.push(rest);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
