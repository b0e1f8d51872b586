// expect: memory_limit
// then: usable

(() => {
  const o = {};
  for (;;) o[Symbol()] = 1;
})();
