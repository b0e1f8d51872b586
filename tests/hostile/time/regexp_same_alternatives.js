// expect: time_limit
// then: usable

/(?:a|a)*$/.test('a'.repeat(40) + 'b');
