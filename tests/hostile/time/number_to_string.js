// expect: time_limit
// then: usable

for (let i = 0; ; i++) (Number.MAX_VALUE / (i + 1)).toString(2 + (i % 35));
