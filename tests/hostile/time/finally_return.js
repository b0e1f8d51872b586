// expect: time_limit
// then: usable

function f() {
  try {
    for (;;);
  } finally {
    return f();
  }
}
f();
