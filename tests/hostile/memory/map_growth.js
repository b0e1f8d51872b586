// expect: memory_limit
// then: usable

(() => {
  const map = new Map();
  for (let i = 0; ; i++) map.set('k' + i, i);
})();
