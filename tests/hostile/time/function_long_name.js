// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

Function('a'.repeat(1e8));
