// expect: ok
// then: usable

eval('1' + '+1'.repeat(50000));
