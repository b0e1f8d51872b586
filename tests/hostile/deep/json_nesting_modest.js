// expect: ok
// then: usable

JSON.stringify(JSON.parse('['.repeat(400) + ']'.repeat(400))).length;
