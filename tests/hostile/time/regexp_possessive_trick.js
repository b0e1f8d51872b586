// expect: time_limit|ok
// then: any

/(?=(a+))a*b\1/.exec('a'.repeat(1e5));
