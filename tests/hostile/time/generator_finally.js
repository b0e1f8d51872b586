// expect: time_limit
// then: usable

function* stubborn() {
  for (;;) {
    try {
      yield 1;
    } finally {
      continue;
    }
  }
}
const it = stubborn();
it.next();
for (;;) it.return();
