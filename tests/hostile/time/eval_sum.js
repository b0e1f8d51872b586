// expect: time_limit|memory_limit|stack_limit|ok
// then: any
// memory: 1GiB

// Parsing and compiling, not running.
eval('1' + '+1'.repeat(5e6));
