// expect: time_limit
// then: usable

async function* count() {
  for (let i = 0; ; i++) yield i;
}
(async () => {
  for await (const n of count());
})();
'queued';
