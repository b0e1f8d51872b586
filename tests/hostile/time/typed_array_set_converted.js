// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Float64Array(6e7).set(new Uint8Array(6e7).fill(3));
