// expect: stack_limit
// then: usable

const pattern = /a/g;
pattern.lastIndex = { valueOf: () => pattern.test('a') + 0 };
pattern.test('a');
