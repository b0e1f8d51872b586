// expect: stack_limit|syntax
// then: usable

eval('f?.('.repeat(100000) + ')'.repeat(100000));
