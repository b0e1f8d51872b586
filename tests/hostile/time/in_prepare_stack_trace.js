// expect: time_limit
// then: usable

// QuickJS-ng 0.17 drops whatever the hook throws, the interruption too: only the host knows that time ran out.
Error.prepareStackTrace = () => {
  for (;;);
};
new Error('x').stack;
