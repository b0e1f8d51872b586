// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (let n = 2n ** 60000n; ; n++) all.push(n);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
