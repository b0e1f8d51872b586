// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

parseInt('9'.repeat(3e8), 7);
