// expect: stack_limit
// then: usable

function f(a, b, c, d, e, g, h, i) {
  return f(b, c, d, e, g, h, i, a + 1);
}
f(1, 2, 3, 4, 5, 6, 7, 8);
