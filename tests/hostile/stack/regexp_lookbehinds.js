// expect: stack_limit|syntax
// then: usable

new RegExp('(?<!'.repeat(200000) + 'a' + ')'.repeat(200000));
