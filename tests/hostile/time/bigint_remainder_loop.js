// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

const a = 10n ** 300000n;
const b = 7n ** 170000n;
for (;;) a % b;
