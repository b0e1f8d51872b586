// expect: time_limit
// then: usable

/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60));
