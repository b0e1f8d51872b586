// expect: stack_limit
// then: usable

const o = { toString: () => Symbol(o).description };
Symbol(o);
