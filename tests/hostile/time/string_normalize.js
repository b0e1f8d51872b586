// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

'\u0149'.repeat(5e7).normalize('NFKD').length;
