// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

[].concat(new Array(2 ** 32 - 1), new Array(5));
