// expect: ok
// then: usable

// The collector marks a long live list several times.
let list = null;
for (let i = 0; i < 300000; i++) list = { list };
for (let i = 0; i < 200000; i++) ({ self: null }).self = {};
'marked';
