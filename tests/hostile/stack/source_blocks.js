// expect: stack_limit|syntax
// then: usable

eval('{'.repeat(200000) + '}'.repeat(200000));
