// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

parseFloat('1'.repeat(1e8));
