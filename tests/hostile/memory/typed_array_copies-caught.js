// expect: memory_limit
// then: usable

(() => {
  const one = new Float64Array(1e5);
  try {
    const all = [];
    for (;;) all.push(one.map((x) => x));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
