// expect: ok
// then: usable

let f = () => 0;
for (let i = 0; i < 100000; i++) f = Object.defineProperty(f.bind(null), 'name', { value: '' });
f = null;
'freed';
