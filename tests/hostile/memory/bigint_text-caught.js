// expect: memory_limit
// then: usable

(() => {
  const n = 2n ** 500000n;
  try {
    const all = [];
    for (;;) all.push(n.toString(2));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
