// expect: ok|stack_limit
// then: usable

String.fromCharCode.apply(null, { length: 65000 }).length;
