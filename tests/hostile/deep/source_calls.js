// expect: ok
// then: usable

var f = () => f;
eval('f' + '()'.repeat(20000)) === f;
