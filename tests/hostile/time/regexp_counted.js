// expect: time_limit|ok|syntax
// then: any

/(?:(?:a{1,50}){1,50}){1,50}b/.test('a'.repeat(100));
