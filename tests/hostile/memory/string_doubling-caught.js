// expect: memory_limit
// then: usable

// Reading a character makes one flat copy of the two halves.
(() => {
  try {
    let text = 'x';
    for (;;) {
      text = text + text;
      text.charCodeAt(1);
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
