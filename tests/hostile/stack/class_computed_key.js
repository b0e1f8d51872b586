// expect: stack_limit
// then: usable

function make() {
  return class {
    [make()]() {}
  };
}
make();
