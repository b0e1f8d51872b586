// expect: time_limit
// then: usable

/^(?:K|\u212a|k)*$/iu.test('k'.repeat(40) + '!');
