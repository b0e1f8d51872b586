// expect: stack_limit
// then: usable

const o = { [Symbol.toPrimitive]: () => `${o}` };
`${o}`;
