// expect: stack_limit|syntax
// then: usable

eval('('.repeat(200000) + '1' + ')'.repeat(200000));
