// expect: time_limit|ok
// then: any
// memory: 1GiB

'ab'.repeat(3e7).indexOf('b'.repeat(1e4));
