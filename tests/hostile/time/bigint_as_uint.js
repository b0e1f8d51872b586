// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

BigInt.asUintN(2 ** 53 - 1, -1n) > 1n;
