// expect: time_limit
// then: any

const a = [1];
a.length = 2 ** 32 - 2;
a.unshift(1);
