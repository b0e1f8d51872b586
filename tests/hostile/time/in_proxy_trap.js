// expect: time_limit
// then: usable

const p = new Proxy({}, {
  ownKeys() {
    for (;;);
  },
});
Object.keys(p);
