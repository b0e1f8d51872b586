// expect: stack_limit
// then: usable

const reviver = () => JSON.parse('[1]', reviver);
JSON.parse('[1]', reviver);
