// expect: time_limit
// then: usable

JSON.parse('[1]', () => {
  for (;;);
});
