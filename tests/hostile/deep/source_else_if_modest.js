// expect: ok
// then: usable

eval('if(0);else '.repeat(200) + '"end";');
