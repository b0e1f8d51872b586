// expect: memory_limit
// then: usable

(() => {
  try {
    const o = {};
    for (let i = 0; ; i++) Object.defineProperty(o, 'g' + i, { get: () => i, enumerable: true, configurable: true });
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
