// expect: time_limit
// then: usable

try {
  for (;;);
} finally {
  for (;;);
}
