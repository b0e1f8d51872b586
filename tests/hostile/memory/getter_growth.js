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
  for (;;) o.next;
})();
