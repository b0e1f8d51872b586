// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

let list = null;
for (let i = 0; i < 3e6; i++) list = { list };
list = null;
'freed';
