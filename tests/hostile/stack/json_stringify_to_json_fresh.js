// expect: stack_limit
// then: usable

// Every level is a new object, so the check for cycles sees nothing.
const make = () => ({ toJSON: () => [make()] });
JSON.stringify(make());
