// expect: stack_limit|syntax
// then: usable

eval('(class{static a='.repeat(50000) + '1' + '})'.repeat(50000));
