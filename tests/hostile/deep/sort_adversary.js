// expect: ok
// then: usable

// An order that drives a naive quicksort to linear depth.
const values = Array.from({ length: 20000 }, (_, i) => (i % 2 ? i : 20000 - i));
values.sort((a, b) => a - b)[0];
