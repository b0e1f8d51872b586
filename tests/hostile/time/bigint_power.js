// expect: threw
// then: usable

// QuickJS-ng 0.17 refuses a BigInt of more than 2^20 bits.
2n ** (2n ** 24n) > 1n;
