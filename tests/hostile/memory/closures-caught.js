// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (let i = 0; ; i++) all.push(() => i);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
