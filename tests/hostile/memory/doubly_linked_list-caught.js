// expect: memory_limit
// then: usable

// One large cycle: nothing is freed before the collector runs.
(() => {
  try {
    let tail = {};
    for (;;) {
      const next = { before: tail };
      tail.next = next;
      tail = next;
    }
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
