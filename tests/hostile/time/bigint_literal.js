// expect: time_limit|memory_limit|threw|syntax|ok
// then: any
// memory: 1GiB

eval('9'.repeat(300000) + 'n') > 1n;
