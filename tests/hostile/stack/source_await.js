// expect: stack_limit|syntax
// then: usable

eval('async()=>' + 'await '.repeat(200000) + '1');
