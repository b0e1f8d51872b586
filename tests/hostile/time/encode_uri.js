// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

encodeURIComponent('\u20ac'.repeat(3e7)).length;
