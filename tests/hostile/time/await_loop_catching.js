// expect: time_limit
// then: usable

(async () => {
  for (;;) {
    try {
      await Promise.reject(new Error('again'));
    } catch {}
  }
})();
'queued';
