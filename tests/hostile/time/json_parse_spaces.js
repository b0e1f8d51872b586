// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

JSON.parse(' '.repeat(4e8) + '1');
