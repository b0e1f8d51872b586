// expect: stack_limit|syntax
// then: usable

eval('(a='.repeat(50000) + '1' + ')=>1'.repeat(50000));
