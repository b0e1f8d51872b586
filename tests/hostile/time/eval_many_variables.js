// expect: time_limit|memory_limit|syntax|ok
// then: any
// memory: 1GiB

// Each name is looked for among all declared before it.
let names = '';
for (let i = 0; i < 60000; i++) names += `let v${i};`;
eval(`(() => { ${names} })`);
