// expect: stack_limit
// then: usable

const o = { [Symbol.iterator]: () => Array.from(o).values() };
Array.from(o);
