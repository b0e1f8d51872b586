// expect: time_limit
// then: usable

eval('for (;;);');
