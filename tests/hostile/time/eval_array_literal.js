// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

eval('[' + '1,'.repeat(1e7) + ']').length;
