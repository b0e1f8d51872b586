// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

for (;;) Object.freeze(new Array(1e6).fill(0));
