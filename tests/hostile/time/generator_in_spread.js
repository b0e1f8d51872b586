// expect: time_limit
// then: usable

function* empty() {
  for (;;);
}
[...empty()];
