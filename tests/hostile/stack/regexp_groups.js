// expect: stack_limit|syntax
// then: usable

new RegExp('('.repeat(200000) + ')'.repeat(200000));
