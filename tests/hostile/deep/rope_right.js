// expect: ok
// then: usable

let text = '';
for (let i = 0; i < 1000000; i++) text = text + 'ab';
text.charCodeAt(5);
