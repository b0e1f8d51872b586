// expect: memory_limit
// then: usable

(() => {
  try {
    for (let value = ['x'.repeat(1000)]; ; ) value = [value, JSON.parse(JSON.stringify(value))];
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
