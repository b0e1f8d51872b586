// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'x'.repeat(2e7).localeCompare('x'.repeat(2e7) + 'y');
