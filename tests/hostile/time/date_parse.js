// expect: time_limit
// then: usable

const text = 'x'.repeat(100);
for (;;) Date.parse(text);
