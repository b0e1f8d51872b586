// expect: stack_limit|syntax
// then: usable

eval('(function(){'.repeat(50000) + '})'.repeat(50000));
