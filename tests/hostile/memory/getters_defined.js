// expect: memory_limit
// then: usable

(() => {
  const o = {};
  for (let i = 0; ; i++) Object.defineProperty(o, 'g' + i, { get: () => i, enumerable: true, configurable: true });
})();
