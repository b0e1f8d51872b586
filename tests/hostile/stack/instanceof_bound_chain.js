// expect: stack_limit
// then: usable

let f = function () {};
for (let i = 0; i < 100000; i++) f = Object.defineProperty(f.bind(null), 'name', { value: '' });
({}) instanceof f;
