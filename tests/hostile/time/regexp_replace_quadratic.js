// expect: time_limit|ok
// then: any

'a'.repeat(2e5).replace(/a*b|c/g, '');
