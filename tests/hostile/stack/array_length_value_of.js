// expect: stack_limit
// then: usable

const a = { get length() { return Array.prototype.indexOf.call(a, 1); } };
Array.prototype.indexOf.call(a, 1);
