// expect: memory_limit
// then: usable

(() => {
  let o = { list: [] };
  for (;;) o = { list: [...o.list, { ...o }], text: `${o.text}!` };
})();
