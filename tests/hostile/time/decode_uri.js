// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

decodeURIComponent('%41'.repeat(1e8)).length;
