// expect: stack_limit
// then: usable

const p = new Proxy({}, {
  set(target, key, value, receiver) {
    receiver[key] = value;
    return true;
  },
});
p.x = 1;
