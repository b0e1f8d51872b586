// expect: time_limit|threw
// then: any

Array.prototype.unshift.call({ length: 2 ** 53 - 2, 0: 1 }, 2);
