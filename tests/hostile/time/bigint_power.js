// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

2n ** (2n ** 24n) > 1n;
