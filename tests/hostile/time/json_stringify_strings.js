// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

JSON.stringify(new Array(2 ** 24).fill('aaaaaaaaaaaaaaaaaaaa')).length;
