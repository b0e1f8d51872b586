// expect: memory_limit|threw
// then: usable

// QuickJS-ng 0.17 limits a BigInt to 2^20 bits: a RangeError may come first.
(() => {
  1n << (2n ** 30n);
})();
