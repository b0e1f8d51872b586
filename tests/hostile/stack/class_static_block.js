// expect: stack_limit
// then: usable

function make() {
  return class {
    static {
      make();
    }
  };
}
make();
