// expect: stack_limit
// then: usable

const f = () => 'a'.replaceAll('a', f);
f();
