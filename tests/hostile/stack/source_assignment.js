// expect: stack_limit|syntax
// then: usable

eval('a='.repeat(200000) + '1');
