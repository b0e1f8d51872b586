// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(new Array(1000).fill(all.length));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
