// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(class { a = 1; #b = 2; m() { return this.#b; } static s = [1, 2]; });
})();
