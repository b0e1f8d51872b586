// expect: stack_limit
// then: usable

function A() {
  this.a = new A();
}
new A();
