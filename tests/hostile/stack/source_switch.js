// expect: stack_limit|syntax
// then: usable

eval('switch(1){case 1:'.repeat(50000) + '}'.repeat(50000));
