// expect: ok
// then: usable

var a = {};
a.a = a;
eval('a' + '.a'.repeat(20000)) === a;
