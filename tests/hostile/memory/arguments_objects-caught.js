// expect: memory_limit
// then: usable

(() => {
  function keep() {
    return arguments;
  }
  try {
    const all = [];
    for (;;) all.push(keep(1, 2, 3, 4, 5, 6, 7, 8));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
