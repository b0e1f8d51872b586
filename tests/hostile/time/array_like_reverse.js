// expect: time_limit
// then: any

Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
