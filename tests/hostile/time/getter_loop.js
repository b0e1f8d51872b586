// expect: time_limit
// then: usable

const o = {
  get more() {
    return true;
  },
};
while (o.more);
