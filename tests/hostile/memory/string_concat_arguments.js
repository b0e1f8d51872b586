// expect: memory_limit
// then: usable

(() => {
  let text = 'x'.repeat(1e6);
  for (;;) text = text.concat(text, text).toUpperCase();
})();
