// expect: stack_limit
// then: usable

// An error in a promise's executor rejects it: nothing is thrown here.
const f = () => new Promise(f);
f().constructor === Promise;
