// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'a'.repeat(5e8).length;
