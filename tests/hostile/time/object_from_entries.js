// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

Object.fromEntries(Array.from({ length: 5e6 }, (_, i) => ['k' + i, i]));
