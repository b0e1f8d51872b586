// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

// Two references to each level: 2^60 leaves on paper, sixty objects in memory.
let o = [];
for (let i = 0; i < 60; i++) o = [o, o];
JSON.stringify(o);
