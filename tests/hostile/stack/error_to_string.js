// expect: stack_limit
// then: usable

const e = new Error('x');
Object.defineProperty(e, 'message', { get: () => String(e) });
String(e);
