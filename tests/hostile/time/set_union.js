// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

const a = new Set(Array.from({ length: 200000 }, (_, i) => 'a' + i));
for (;;) a.union(a).isSubsetOf(a);
