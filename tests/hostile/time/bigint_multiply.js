// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

const n = 2n ** (2n ** 20n - 64n);
(n - 1n) * 3n > 1n;
