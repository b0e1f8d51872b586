// expect: time_limit
// then: usable

(async () => {
  for (;;);
})();
