// expect: memory_limit
// then: usable

// Left to itself the string stays a tree of its parts.
(() => {
  let text = '';
  for (;;) text += 'chunk '.repeat(500) + text.length;
})();
