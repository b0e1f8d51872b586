// expect: time_limit
// then: usable

(async () => {
  try {
    await null;
    for (;;);
  } catch {
    for (;;);
  } finally {
    for (;;);
  }
})();
'queued';
