// expect: memory_limit
// then: usable

(() => {
  try {
    const o = {};
    for (let i = 0; ; i++) o['key' + i] = i;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
