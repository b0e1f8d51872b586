// expect: memory_limit
// then: usable

(() => {
  try {
    let list = null;
    for (;;) list = { list };
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
