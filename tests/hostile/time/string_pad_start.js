// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'a'.padStart(5e8, 'xyz').length;
