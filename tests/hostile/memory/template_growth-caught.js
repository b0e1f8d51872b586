// expect: memory_limit
// then: usable

(() => {
  try {
    let text = 'x';
    for (;;) text = `${text}${text}-${text}`.trim();
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
