// expect: stack_limit
// then: usable

class A {
  static #f() {
    return A.#f();
  }
  static start() {
    return A.#f();
  }
}
A.start();
