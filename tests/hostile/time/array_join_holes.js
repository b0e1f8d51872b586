// expect: time_limit|memory_limit
// then: any

// Four thousand million holes, nothing to write down, nothing that polls.
new Array(2 ** 32 - 1).join('');
