// expect: stack_limit
// then: usable

const o = { toString: () => `<${o}>` };
`${o}`;
