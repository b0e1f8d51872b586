// expect: time_limit|ok
// then: any
// memory: 1GiB

/a*?b/.test('a'.repeat(1e8));
