// expect: time_limit|threw
// then: any

new Array(2 ** 32 - 1).reduce((a, b) => a);
