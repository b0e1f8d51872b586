// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

JSON.parse('"' + '\\u0041'.repeat(5e7) + '"').length;
