// expect: stack_limit|syntax
// then: usable

eval('`${'.repeat(50000) + '1' + '}`'.repeat(50000));
