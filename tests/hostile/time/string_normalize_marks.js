// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

// A long run of combining marks has to be sorted.
('a' + '\u0301\u0323'.repeat(1e6)).normalize('NFC').length;
