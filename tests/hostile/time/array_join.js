// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Array(1e7).fill(1).join().length;
