// expect: stack_limit|syntax
// then: usable

eval('1?'.repeat(100000) + '1' + ':1'.repeat(100000));
