// expect: time_limit
// then: usable

'a'.replace(/a/, () => {
  for (;;);
});
