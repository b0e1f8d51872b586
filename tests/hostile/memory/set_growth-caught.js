// expect: memory_limit
// then: usable

(() => {
  try {
    const set = new Set();
    for (let i = 0; ; i++) set.add('v' + i);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
