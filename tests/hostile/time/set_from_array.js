// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Set(new Array(1e7)).size;
