// expect: time_limit
// then: usable

[2, 1].sort(() => {
  for (;;);
});
