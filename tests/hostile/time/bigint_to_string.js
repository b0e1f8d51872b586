// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

// The conversion to decimal is quadratic.
const x = 7n ** 180000n;
(x * x).toString().length;
