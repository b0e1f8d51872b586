// expect: stack_limit|syntax
// then: usable

eval('(function*(){' + 'yield '.repeat(200000) + '1})');
