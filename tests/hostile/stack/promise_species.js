// expect: stack_limit
// then: usable

class P extends Promise {
  static get [Symbol.species]() {
    return P.resolve(1).then(() => 0), Promise;
  }
}
P.resolve(1).then(() => 0);
