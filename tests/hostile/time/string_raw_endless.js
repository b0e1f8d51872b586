// expect: time_limit|memory_limit
// then: any

String.raw({ raw: { length: 2 ** 53 - 1 } });
