// expect: ok
// then: usable
// await: completion

// As deep as the loop is long, if each await were a call.
(async () => {
  let sum = 0;
  for (let i = 0; i < 100000; i++) sum += await i;
  return sum;
})();
