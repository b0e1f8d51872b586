// expect: stack_limit
// then: usable

var text = 'eval(text)';
eval(text);
