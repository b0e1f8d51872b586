// expect: stack_limit|syntax
// then: usable

eval('(' + '{a:'.repeat(100000) + '1' + '}'.repeat(100000) + ')');
