// expect: stack_limit|syntax
// then: usable

eval('(' + '['.repeat(100000) + 'a' + ']'.repeat(100000) + ')=>1');
