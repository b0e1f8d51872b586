// expect: stack_limit
// then: usable

const tag = (strings, ...values) => tag`a${values}b`;
tag`a${1}b`;
