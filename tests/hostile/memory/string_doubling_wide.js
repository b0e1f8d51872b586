// expect: memory_limit
// then: usable

// Two bytes a character.
(() => {
  let text = '\u4e2d';
  for (;;) {
    text = text + text;
    text.charCodeAt(1);
  }
})();
