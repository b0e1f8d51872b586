// expect: memory_limit
// then: usable

// Each copy has one property more, and holds the one before.
(() => {
  try {
    let o = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [i + 'th', i]));
    for (let i = 0; ; i++) o = { ...o, [`k${i}`]: o };
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
