// expect: memory_limit
// then: usable

(() => {
  try {
    JSON.parse('[' + '{"a":1},'.repeat(1e6) + '0]');
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
