// expect: time_limit
// then: usable

class A {
  static {
    for (;;);
  }
}
