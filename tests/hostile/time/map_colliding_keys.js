// expect: time_limit
// then: usable

const map = new Map();
for (let i = 0; ; i++) map.set(2 ** 20 + (i % 60000), i);
