// expect: time_limit
// then: usable

for (;;) {
  try {
    for (;;);
  } catch {}
}
