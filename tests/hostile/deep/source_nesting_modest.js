// expect: ok
// then: usable

// Depths that honest generated code reaches.
eval('['.repeat(100) + ']'.repeat(100)).length + eval('('.repeat(100) + '1' + ')'.repeat(100));
