// expect: time_limit|memory_limit
// then: any
// memory: 1GiB

// A large live heap and much garbage in cycles: the collector is the loop.
const live = Array.from({ length: 500000 }, () => ({ a: {} }));
for (;;) {
  const a = {};
  a.a = a;
}
