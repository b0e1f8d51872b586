// expect: stack_limit
// then: usable

const f = () => 'a'.replace(/a/, f);
f();
