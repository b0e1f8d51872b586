// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

(' '.repeat(2e8) + 'x' + ' '.repeat(2e8)).trim().length;
