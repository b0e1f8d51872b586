// expect: stack_limit
// then: usable

function F() {
  Reflect.construct(F, []);
}
new F();
