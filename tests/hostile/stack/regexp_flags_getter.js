// expect: stack_limit
// then: usable

const pattern = { get flags() { return RegExp.prototype[Symbol.matchAll].call(pattern, ''); } };
RegExp.prototype[Symbol.matchAll].call(pattern, '');
