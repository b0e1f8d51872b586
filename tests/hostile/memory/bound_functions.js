// expect: memory_limit
// then: usable

// A bound function is named `bound ` and the name of its target.
(() => {
  let f = () => 0;
  for (;;) f = f.bind(null);
})();
