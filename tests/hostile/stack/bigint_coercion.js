// expect: stack_limit
// then: usable

const o = { [Symbol.toPrimitive]: () => BigInt(o) };
BigInt.asIntN(64, o);
