// expect: time_limit|ok
// then: any

'a'.repeat(2e5).split(/a*b/);
