// expect: time_limit
// then: any

Array.prototype.slice.call({ length: 2 ** 53 - 1 }, 2 ** 53 - 2 ** 32);
