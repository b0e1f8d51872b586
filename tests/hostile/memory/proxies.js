// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (;;) all.push(new Proxy({}, {}));
})();
