// expect: stack_limit
// then: usable

Object.defineProperty(globalThis, 'loop', { get: () => loop, configurable: true });
loop;
