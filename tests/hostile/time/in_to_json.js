// expect: time_limit
// then: usable

JSON.stringify({
  toJSON() {
    for (;;);
  },
});
