// expect: time_limit
// then: usable

outer: for (;;) for (;;) continue outer;
