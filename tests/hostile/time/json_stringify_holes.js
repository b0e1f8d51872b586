// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

JSON.stringify(new Array(2 ** 32 - 1));
