// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

Object.assign({}, 'a'.repeat(1e7));
