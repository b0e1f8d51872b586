// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(new Error('with a stack ' + all.length));
})();
