// expect: stack_limit
// then: usable

// A bound function is named after its target: without the empty name this would be a memory hog.
let f = () => 1;
for (let i = 0; i < 100000; i++) f = Object.defineProperty(f.bind(null), 'name', { value: '' });
f();
