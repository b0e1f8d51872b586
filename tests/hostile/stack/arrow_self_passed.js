// expect: stack_limit
// then: usable

((f) => f(f))((f) => f(f));
