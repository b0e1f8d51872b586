// expect: memory_limit
// then: usable

// Reading a character makes one flat copy of the two halves.
(() => {
  let text = 'x';
  for (;;) {
    text = text + text;
    text.charCodeAt(1);
  }
})();
