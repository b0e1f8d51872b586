// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

eval('/*' + '*'.repeat(4e8) + '*/ 1');
