// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

new Uint8Array(5e8).indexOf(1);
