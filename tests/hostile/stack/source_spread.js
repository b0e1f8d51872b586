// expect: stack_limit|syntax
// then: usable

eval('f(' + '...[f('.repeat(50000) + ')]'.repeat(50000) + ')');
