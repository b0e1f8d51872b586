// expect: memory_limit
// then: usable

(() => {
  let list = null;
  for (;;) list = { list };
})();
