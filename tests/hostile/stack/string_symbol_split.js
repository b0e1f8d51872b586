// expect: stack_limit
// then: usable

const pattern = { [Symbol.split]: (text) => text.split(pattern) };
'a'.split(pattern);
