// expect: stack_limit
// then: usable

function f({ a = f({}) }) {
  return a;
}
f({});
