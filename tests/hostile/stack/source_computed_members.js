// expect: stack_limit|syntax
// then: usable

eval('a' + '[a'.repeat(100000) + ']'.repeat(100000));
