// expect: time_limit|ok
// then: any

'a'.repeat(2e5).match(/a*b/g);
