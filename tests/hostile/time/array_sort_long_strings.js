// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

const prefix = 'x'.repeat(1e5);
Array.from({ length: 2000 }, (_, i) => prefix + ((i * 7919) % 2003)).sort().length;
