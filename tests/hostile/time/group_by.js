// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

Object.groupBy('a'.repeat(3e7), String.prototype.at.bind('k', 0));
