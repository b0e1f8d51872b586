// expect: memory_limit|threw|ok
// then: usable

// QuickJS-ng 0.17 limits a BigInt to 2^20 bits: a RangeError may come first.
(() => {
  try {
    1n << (2n ** 30n);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
