// expect: time_limit
// then: usable

/(x+x+)+y/.exec('x'.repeat(40));
