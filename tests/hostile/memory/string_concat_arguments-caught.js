// expect: memory_limit
// then: usable

(() => {
  try {
    let text = 'x'.repeat(1e6);
    for (;;) text = text.concat(text, text).toUpperCase();
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
