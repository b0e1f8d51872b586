// expect: threw
// then: usable

BigInt.asUintN(2 ** 53 - 1, -1n) > 1n;
