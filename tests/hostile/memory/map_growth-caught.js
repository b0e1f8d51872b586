// expect: memory_limit
// then: usable

(() => {
  try {
    const map = new Map();
    for (let i = 0; ; i++) map.set('k' + i, i);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
