// expect: memory_limit
// then: usable

(() => {
  function* count() {
    for (let i = 0; ; i++) yield i;
  }
  [...count()];
})();
