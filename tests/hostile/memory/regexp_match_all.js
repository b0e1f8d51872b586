// expect: memory_limit
// then: usable

// Every match is an array with captures.
(() => {
  const text = 'ab'.repeat(1e6);
  [...text.matchAll(/(a)(b)/g)];
})();
