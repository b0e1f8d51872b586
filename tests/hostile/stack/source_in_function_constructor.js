// expect: stack_limit|syntax
// then: usable

Function('('.repeat(100000) + '1' + ')'.repeat(100000));
