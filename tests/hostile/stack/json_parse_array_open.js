// expect: stack_limit|syntax
// then: usable

JSON.parse('['.repeat(200000));
