// expect: ok
// then: usable

eval('var n = 0;' + 'n++;'.repeat(50000) + 'n');
