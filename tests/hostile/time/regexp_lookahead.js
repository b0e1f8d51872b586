// expect: time_limit
// then: usable

/^(?=(a+)+c)/.test('a'.repeat(45));
