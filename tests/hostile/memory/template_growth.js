// expect: memory_limit
// then: usable

(() => {
  let text = 'x';
  for (;;) text = `${text}${text}-${text}`.trim();
})();
