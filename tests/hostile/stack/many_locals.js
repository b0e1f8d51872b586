// expect: stack_limit
// then: usable

// A frame of 2,000 variables.
const names = Array.from({ length: 2000 }, (_, i) => 'v' + i);
const big = new Function('self', `var ${names.join(' = 1, ')} = 1; return self(self) + v7;`);
big(big);
