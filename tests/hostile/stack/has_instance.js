// expect: stack_limit
// then: usable

class A {
  static [Symbol.hasInstance](value) {
    return value instanceof A;
  }
}
({}) instanceof A;
