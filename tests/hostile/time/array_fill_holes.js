// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

new Array(2 ** 32 - 1).fill(0);
