// expect: time_limit|ok
// then: any

'\u4e2d'.repeat(2e6).includes('\u4e2d'.repeat(1e6) + 'b');
