// expect: ok
// then: usable

const depth = (n) => (n === 0 ? 0 : 1 + depth(n - 1));
depth(500);
