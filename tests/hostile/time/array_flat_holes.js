// expect: time_limit
// then: any

new Array(2 ** 32 - 1).flat();
