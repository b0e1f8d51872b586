// expect: time_limit|memory_limit|ok|threw
// then: any
// memory: 1GiB

new Uint8Array(5e8).join().length;
