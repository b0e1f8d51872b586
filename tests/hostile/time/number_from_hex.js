// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

Number('0x' + 'f'.repeat(1e8));
