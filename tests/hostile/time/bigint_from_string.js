// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

BigInt('9'.repeat(300000)) > 1n;
