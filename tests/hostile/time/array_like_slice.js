// expect: time_limit|threw
// then: any

Array.prototype.slice.call({ length: 2 ** 53 - 1, 0: 1 }, 2 ** 52);
