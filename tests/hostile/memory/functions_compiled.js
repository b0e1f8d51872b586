// expect: memory_limit
// then: usable

(() => {
  const all = [];
  for (let i = 0; ; i++) all.push(new Function(`return ${i} + x${i} * y${i}`));
})();
