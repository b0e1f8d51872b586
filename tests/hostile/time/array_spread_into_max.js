// expect: time_limit|ok|stack_limit
// then: any

const values = new Array(60000).fill(1);
for (;;) Math.max.apply(null, values);
