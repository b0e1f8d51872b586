// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

const a = 'x'.repeat(3e8);
const b = 'x'.repeat(3e8);
for (let i = 0; ; i++) if (a !== b || a < b) break;
