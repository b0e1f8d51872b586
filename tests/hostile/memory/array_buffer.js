// expect: memory_limit
// then: usable

// One request, far over the limit.
(() => {
  new ArrayBuffer(1e9);
})();
