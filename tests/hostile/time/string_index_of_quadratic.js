// expect: time_limit|ok
// then: any

// 2 * 10^12 comparisons in one call.
'a'.repeat(3e6).indexOf('a'.repeat(1.5e6) + 'b');
