// expect: stack_limit|syntax
// then: usable

eval('var ' + '{a:'.repeat(100000) + 'a' + '}'.repeat(100000) + '=1');
