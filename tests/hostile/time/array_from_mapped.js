// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

Array.from({ length: 2 ** 32 - 1 }, () => 0);
