// expect: time_limit
// then: usable

const o = { set x(v) {} };
for (;;) o.x = 1;
