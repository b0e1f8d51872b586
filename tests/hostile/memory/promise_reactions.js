// expect: memory_limit
// then: usable

(() => {
  const pending = new Promise(() => {});
  for (;;) pending.then(() => 1);
})();
