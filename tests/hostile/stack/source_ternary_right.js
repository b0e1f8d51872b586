// expect: stack_limit|syntax
// then: usable

eval('0?1:'.repeat(100000) + '1');
