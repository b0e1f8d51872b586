// expect: time_limit|memory_limit|threw
// then: any

Array.prototype.join.call({ length: 2 ** 32 - 1 }, '');
