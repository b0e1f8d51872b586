// expect: ok
// then: usable

let text = 'x';
for (let i = 0; i < 500000; i++) text = 'ab' + text;
text = null;
'freed';
