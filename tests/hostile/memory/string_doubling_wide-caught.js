// expect: memory_limit
// then: usable

// Two bytes a character.
(() => {
  try {
    let text = '\u4e2d';
    for (;;) {
      text = text + text;
      text.charCodeAt(1);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
