// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (;;) all.push(class { a = 1; #b = 2; m() { return this.#b; } static s = [1, 2]; });
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
