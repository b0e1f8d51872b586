// expect: memory_limit
// then: usable

// Every object has a shape of its own.
(() => {
  const all = [];
  for (let i = 0; ; i++) all.push({ ['a' + i]: 1, ['b' + i]: 2 });
})();
