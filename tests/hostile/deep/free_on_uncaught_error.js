// expect: threw
// then: usable

// The list dies while the error travels.
(() => {
  let list = null;
  for (let i = 0; i < 500000; i++) list = { list };
  throw new Error('with a list');
})();
