// expect: memory_limit
// then: usable

(() => {
  try {
    JSON.parse('[' + '1,'.repeat(1e7) + '1]');
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
