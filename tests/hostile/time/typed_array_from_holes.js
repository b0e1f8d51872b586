// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

Uint8Array.from({ length: 2 ** 31 - 1 });
