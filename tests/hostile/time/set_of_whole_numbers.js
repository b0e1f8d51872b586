// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

// QuickJS-ng 0.17 hashes small whole numbers into few buckets: each addition is a long search.
new Set(Array.from({ length: 300000 }, (_, i) => i)).size;
