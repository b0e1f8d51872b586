// expect: time_limit
// then: usable

// No script code runs between the steps: values() of an endless array-like.
Array.prototype.values.call({ length: 2 ** 53 - 1 }).every(Boolean.bind(null, 1));
