// expect: stack_limit|syntax
// then: usable

eval('with({})'.repeat(50000) + ';');
