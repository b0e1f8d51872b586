// expect: time_limit
// then: usable

/^[\p{L}--[b]]+(?:[\p{L}]+)+$/v.test('a'.repeat(40) + '!');
