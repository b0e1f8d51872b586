// expect: time_limit|memory_limit|threw|ok
// then: any
// memory: 1GiB

let x = 3n ** 200000n;
x = x * x * x * x;
x = x * x;
typeof x;
