// expect: stack_limit|syntax
// then: usable

eval('if(1)'.repeat(100000) + ';');
