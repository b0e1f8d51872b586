// expect: memory_limit
// then: usable

// The text alone takes 40 MB.
(() => {
  try {
    eval('[' + '1,'.repeat(2e7) + ']');
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
