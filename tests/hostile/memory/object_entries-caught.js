// expect: memory_limit
// then: usable

(() => {
  const o = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ['k' + i, i]));
  try {
    const all = [];
    for (;;) all.push(Object.entries(o));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
