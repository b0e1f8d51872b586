// expect: ok
// then: usable

// No loop hides here.
String(new Array(2 ** 32 - 1).at(-1));
