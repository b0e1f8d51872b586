// expect: time_limit
// then: usable

new Function('for (;;);')();
