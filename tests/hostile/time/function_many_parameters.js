// expect: time_limit|memory_limit|syntax|threw|ok
// then: any
// memory: 1GiB

Function(...Array.from({ length: 60000 }, (_, i) => 'p' + i), '');
