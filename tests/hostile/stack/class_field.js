// expect: stack_limit
// then: usable

class A {
  a = new A();
}
new A();
