// expect: stack_limit|syntax
// then: usable

eval('new '.repeat(200000) + 'Object');
