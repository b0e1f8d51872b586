// expect: ok
// then: usable

// Dropping the head frees 600,000 objects, each held by the one before.
let list = null;
for (let i = 0; i < 600000; i++) list = { list };
list = null;
'freed';
