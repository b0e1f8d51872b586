// expect: ok
// then: usable

new RegExp('a|'.repeat(5000) + 'b').test('b');
