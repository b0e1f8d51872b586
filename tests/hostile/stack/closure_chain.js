// expect: stack_limit
// then: usable

// 100,000 closures, each of which calls the one before.
let f = () => 0;
for (let i = 0; i < 100000; i++) {
  const before = f;
  f = () => before() + 1;
}
f();
