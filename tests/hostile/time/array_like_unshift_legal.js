// expect: time_limit
// then: any

Array.prototype.unshift.call({ length: 2 ** 53 - 3 }, 1);
