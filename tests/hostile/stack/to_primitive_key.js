// expect: stack_limit
// then: usable

// A computed key asks for a string again and again.
const o = { [Symbol.toPrimitive]: () => o[o] };
o[o];
