// expect: stack_limit
// then: usable

let nested = {};
for (let i = 0; i < 30000; i++) nested = { nested };
JSON.stringify(nested);
