// expect: time_limit
// then: usable

// Every round runs into the stack limit and starts again.
for (;;) {
  try {
    (function f() {
      f();
    })();
  } catch {}
}
