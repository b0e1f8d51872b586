// expect: time_limit
// then: usable

/(a+)+b/.test('a'.repeat(40));
