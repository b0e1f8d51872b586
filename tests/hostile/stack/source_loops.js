// expect: stack_limit|syntax
// then: usable

eval('for(;;)'.repeat(100000) + ';');
