// expect: time_limit
// then: usable

const guard = (n) => {
  try {
    if (n === 0) for (;;);
    guard(n - 1);
  } catch {
    guard(n);
  } finally {
    guard(n);
  }
};
guard(20);
