// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(new Uint32Array(65536));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
