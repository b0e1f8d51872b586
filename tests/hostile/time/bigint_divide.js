// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

10n ** 300000n / 7n ** 100000n > 1n;
