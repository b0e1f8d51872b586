// expect: stack_limit
// then: usable

class B extends ArrayBuffer {
  static get [Symbol.species]() {
    return new B(8).slice(0, 4), ArrayBuffer;
  }
}
new B(8).slice(0, 4);
