// expect: memory_limit
// then: usable

(() => {
  class Point {
    #x;
    constructor(x) {
      this.#x = x;
    }
  }
  const all = [];
  for (;;) all.push(new Point(all.length));
})();
