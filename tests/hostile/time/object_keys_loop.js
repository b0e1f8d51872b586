// expect: time_limit
// then: any

const o = {};
for (let i = 0; i < 100000; i++) o['k' + i] = i;
let n = 0;
while (true) n += Object.keys(o).length;
