// expect: stack_limit|syntax
// then: usable

let text = '';
for (let i = 0; i < 20000; i++) text += `l${i}:`;
eval(text + ';');
