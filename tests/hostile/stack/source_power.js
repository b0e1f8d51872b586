// expect: stack_limit|syntax
// then: usable

eval('1**'.repeat(200000) + '1');
