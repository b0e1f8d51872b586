// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(Symbol('description ' + all.length));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
