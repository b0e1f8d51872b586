// expect: time_limit
// then: usable

// Each frame that dies tries twice more.
function f() {
  try {
    f();
  } finally {
    f();
  }
}
f();
