// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

unescape(escape('\u20ac'.repeat(3e7))).length;
