// expect: time_limit
// then: usable

({}) instanceof {
  [Symbol.hasInstance]() {
    for (;;);
  },
};
