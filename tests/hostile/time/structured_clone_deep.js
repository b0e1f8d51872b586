// expect: time_limit|memory_limit|threw|stack_limit
// then: any
// memory: 1GiB

let o = [];
for (let i = 0; i < 60; i++) o = [o, o, [o]];
structuredClone(o.concat(Array.from({ length: 1e6 }, () => [o])));
