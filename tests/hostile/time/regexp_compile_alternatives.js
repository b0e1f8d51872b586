// expect: time_limit|memory_limit|syntax|ok
// then: any
// memory: 1GiB

// Compilation alone is quadratic here.
new RegExp('(?:'.repeat(50) + 'ab|'.repeat(1e6) + 'c' + '){1,200}'.repeat(50));
