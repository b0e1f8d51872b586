// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

// The default order compares texts: each comparison makes two.
Array.from({ length: 1e6 }, (_, i) => (i * 7919) % 1000003).sort().length;
