// expect: time_limit|ok
// then: any

'a'.repeat(3e6).replaceAll('a'.repeat(1.5e6) + 'b', '');
