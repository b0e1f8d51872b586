// expect: stack_limit|syntax
// then: usable

// The limit may be met inside the parser, where QuickJS-ng 0.17 turns it into a SyntaxError.
globalThis.f = () => Function('return f()')();
f();
