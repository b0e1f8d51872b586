// expect: time_limit
// then: usable

Promise.resolve().then(() => {
  for (;;);
});
'queued';
