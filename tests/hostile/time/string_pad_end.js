// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'ab'.padEnd(1e9).length;
