// expect: memory_limit
// then: usable

// Left to itself the string stays a tree of its parts.
(() => {
  try {
    let text = '';
    for (;;) text += 'chunk '.repeat(500) + text.length;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
