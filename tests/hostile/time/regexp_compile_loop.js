// expect: time_limit
// then: usable

for (let i = 0; ; i++) new RegExp('(a|b)+' + (i % 100));
