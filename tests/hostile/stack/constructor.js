// expect: stack_limit
// then: usable

class A {
  constructor() {
    this.a = new A();
  }
}
new A();
