// expect: stack_limit
// then: usable

const o = { valueOf: () => o * 2 };
+o;
