// expect: time_limit
// then: any

Object.defineProperty([], 'length', { value: 2 ** 32 - 1 }).shift();
