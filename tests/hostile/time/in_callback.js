// expect: time_limit
// then: usable

[1, 2, 3].map(() => {
  for (;;);
});
