// expect: memory_limit
// then: usable

// The source, its bytecode and its line table.
(() => {
  try {
    let body = 'n++;';
    for (;;) {
      body += body;
      new Function('let n = 0;' + body);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
