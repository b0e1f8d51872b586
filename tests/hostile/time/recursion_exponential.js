// expect: time_limit
// then: usable

const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
fib(60);
