// expect: time_limit
// then: usable

Error.prepareStackTrace = () => {
  for (;;);
};
new Error('x').stack;
