// expect: time_limit|memory_limit|stack_limit|syntax|ok
// then: any
// memory: 1GiB

eval('{'.repeat(200) + 'l: for (;;) break l;'.repeat(1e6) + '}'.repeat(200));
