// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

JSON.parse('{' + '"a":1,'.repeat(3e7) + '"a":1}').a;
