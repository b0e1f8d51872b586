// expect: time_limit
// then: usable

const like = { length: 2 ** 53 - 1 };
for (;;) Array.prototype.pop.call(like);
