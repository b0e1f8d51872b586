// expect: memory_limit
// then: usable

(() => {
  try {
    const o = {};
    for (let i = 0; ; i++) o[i * 3] = i;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
