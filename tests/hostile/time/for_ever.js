// expect: time_limit
// then: usable

for (;;);
