// expect: memory_limit
// then: usable

// The source, its bytecode and its line table.
(() => {
  let body = 'n++;';
  for (;;) {
    body += body;
    new Function('let n = 0;' + body);
  }
})();
