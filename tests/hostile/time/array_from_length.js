// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

Array.from({ length: 1e9 }).length;
