// expect: time_limit
// then: usable

let n = 0;
do n = (n + 1) | 0;
while (true);
