// expect: time_limit
// then: usable

for (;;) eval('1');
