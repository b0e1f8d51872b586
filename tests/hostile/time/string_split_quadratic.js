// expect: time_limit|ok
// then: any

'a'.repeat(3e6).split('a'.repeat(1.5e6) + 'b');
