// expect: memory_limit
// then: usable

// Every match is an array with captures.
(() => {
  const text = 'ab'.repeat(1e6);
  try {
    [...text.matchAll(/(a)(b)/g)];
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
