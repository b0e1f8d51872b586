// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Array(1e8).fill().toString().length;
