// expect: memory_limit
// then: usable

// One large cycle: nothing is freed before the collector runs.
(() => {
  let tail = {};
  for (;;) {
    const next = { before: tail };
    tail.next = next;
    tail = next;
  }
})();
