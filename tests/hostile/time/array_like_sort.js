// expect: time_limit|memory_limit
// then: any

Array.prototype.sort.call({ length: 2 ** 53 - 1 });
