// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

const a = new Float64Array(2e7);
for (let i = 0; i < 1e6; i++) a[i] = (i * 7919) % 1000003;
a.sort().length;
