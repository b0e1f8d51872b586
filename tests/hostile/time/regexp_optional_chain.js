// expect: time_limit
// then: usable

new RegExp('^' + 'a?'.repeat(40) + 'a'.repeat(40) + '$').test('a'.repeat(39));
