// expect: time_limit|memory_limit
// then: any

const set = new Set([0]);
for (const n of set) {
  set.delete(n);
  set.add(n + 1);
}
