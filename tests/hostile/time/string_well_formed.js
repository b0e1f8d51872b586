// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'\ud800'.repeat(1e8).toWellFormed().length;
