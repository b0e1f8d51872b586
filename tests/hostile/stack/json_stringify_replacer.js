// expect: stack_limit
// then: usable

JSON.stringify({}, () => ({ a: 1 }));
