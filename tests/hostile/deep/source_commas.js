// expect: ok
// then: usable

eval('1,'.repeat(100000) + '2');
