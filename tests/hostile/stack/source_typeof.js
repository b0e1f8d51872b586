// expect: stack_limit|syntax
// then: usable

eval('typeof '.repeat(200000) + '1');
