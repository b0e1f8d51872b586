// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Float64Array(5e7).fill(1).sort().length;
