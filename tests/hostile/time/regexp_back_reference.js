// expect: time_limit
// then: usable

/^(a*)*\1b/.test('a'.repeat(60));
