// expect: ok
// then: usable

let text = '';
for (let i = 0; i < 1000000; i++) text = 'ab' + text;
text.charCodeAt(5);
