// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (let i = 0; ; i++) all.push(new RegExp(`(a${i}|b)+c{2,5}`));
})();
