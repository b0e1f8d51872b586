// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

const n = 3n ** 150000n;
for (;;) n * n > 1n;
