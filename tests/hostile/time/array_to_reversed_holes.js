// expect: threw
// then: usable

new Array(2 ** 32 - 1).toReversed();
