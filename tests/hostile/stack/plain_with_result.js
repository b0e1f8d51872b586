// expect: stack_limit
// then: usable

// The result is still needed: no tail call could help.
function f(n) {
  return 1 + f(n + 1);
}
f(0);
