// expect: memory_limit
// then: usable

(() => {
  try {
    let o = { list: [] };
    for (;;) o = { list: [...o.list, { ...o }], text: `${o.text}!` };
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
