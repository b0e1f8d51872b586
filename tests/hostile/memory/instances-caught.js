// expect: memory_limit
// then: usable

(() => {
  class Point {
    #x;
    constructor(x) {
      this.#x = x;
    }
  }
  try {
    const all = [];
    for (;;) all.push(new Point(all.length));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
