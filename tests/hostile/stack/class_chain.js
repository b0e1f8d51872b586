// expect: stack_limit
// then: usable

// 20,000 classes deep; the default constructors call each other.
let C = class {};
for (let i = 0; i < 20000; i++) C = class extends C {};
new C();
