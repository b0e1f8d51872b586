// expect: memory_limit
// then: usable

(() => {
  const buffer = new ArrayBuffer(4e6);
  const all = [];
  for (;;) all.push(buffer.slice(0));
})();
