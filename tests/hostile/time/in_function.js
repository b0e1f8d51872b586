// expect: time_limit
// then: usable

function f() {
  for (;;) {}
}
f();
