// expect: time_limit|memory_limit|threw
// then: any
// memory: 1GiB

let o = [];
for (let i = 0; i < 60; i++) o = [o, o];
String(o);
