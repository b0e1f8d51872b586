// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

JSON.parse('[' + '1,'.repeat(2e7) + '1]').length;
