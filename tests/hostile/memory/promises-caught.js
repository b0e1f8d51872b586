// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(new Promise(() => {}));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
