// expect: stack_limit
// then: usable

function f(...rest) {
  return f(...rest, rest.length & 3 ? rest[0] : 0).length;
}
f(1);
