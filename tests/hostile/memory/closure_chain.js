// expect: memory_limit
// then: usable

(() => {
  let f = () => 0;
  for (;;) {
    const before = f;
    f = () => before;
  }
})();
