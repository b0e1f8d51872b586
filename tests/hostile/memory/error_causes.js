// expect: memory_limit
// then: usable

(() => {
  let error = new Error('first');
  for (;;) error = new Error('next', { cause: error });
})();
