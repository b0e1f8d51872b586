// expect: time_limit
// then: usable

const o = {
  toString() {
    for (;;);
  },
};
`${o}`;
