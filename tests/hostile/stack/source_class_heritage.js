// expect: stack_limit|syntax
// then: usable

eval('(' + 'class extends '.repeat(50000) + 'Object' + '{}'.repeat(50000) + ')');
