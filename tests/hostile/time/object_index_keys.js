// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

// Index keys are sorted at each listing.
const o = {};
for (let i = 0; i < 1000000; i++) o[(i * 7919) % 1000003] = i;
for (;;) Object.keys(o);
