// expect: memory_limit
// then: any

(() => {
  const o = {
    all: [],
    get next() {
      this.all.push({ size: this.all.length });
      return this.all;
    },
  };
  try {
    for (;;) o.next;
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
