// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

String(new Array(2 ** 30));
