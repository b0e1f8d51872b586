// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

const buffer = new ArrayBuffer(4e8);
for (let i = 0; i < 1e6; i++) buffer.slice(0);
