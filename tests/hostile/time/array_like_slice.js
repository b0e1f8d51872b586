// expect: threw
// then: usable

// The copy would be longer than an array can be: refused before the loop.
Array.prototype.slice.call({ length: 2 ** 53 - 1, 0: 1 }, 2 ** 52);
