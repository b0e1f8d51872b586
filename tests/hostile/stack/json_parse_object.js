// expect: stack_limit|syntax
// then: usable

JSON.parse('{"a":'.repeat(200000) + '1' + '}'.repeat(200000));
