// expect: stack_limit
// then: usable

const o = { [Symbol.iterator]: () => [...o].values() };
[...o];
