// expect: time_limit
// then: usable

const word = /\w+@\w+/;
for (;;) word.test('someone at example');
