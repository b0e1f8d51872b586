// expect: stack_limit
// then: usable

// Every catch tries again: the depth never goes down for good.
function f() {
  try {
    f();
  } finally {
    f.count = (f.count | 0) + 1;
  }
}
f();
