// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'a'.repeat(1e8).split('').length;
