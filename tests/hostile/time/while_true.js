// expect: time_limit
// then: usable

while (true) {}
