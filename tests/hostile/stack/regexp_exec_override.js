// expect: stack_limit
// then: usable

const pattern = /a/;
pattern.exec = (text) => (pattern.test(text), null);
pattern.test('a');
