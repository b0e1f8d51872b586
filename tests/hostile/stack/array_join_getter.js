// expect: stack_limit
// then: usable

const a = [0];
Object.defineProperty(a, 0, { get: () => a.slice().join() + a.concat().join() });
a.join();
