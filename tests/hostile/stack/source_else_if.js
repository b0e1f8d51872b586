// expect: stack_limit|syntax
// then: usable

eval('if(0);else '.repeat(100000) + ';');
