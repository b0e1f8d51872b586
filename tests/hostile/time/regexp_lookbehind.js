// expect: time_limit
// then: usable

/(?<=c(a+)+)b/.test('a'.repeat(45) + 'b');
