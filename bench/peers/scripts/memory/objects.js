// Small objects and strings without end.
(() => {
  const held = [];
  for (let i = 0; ; i++) held.push({ id: i, name: `object ${i}`, children: [i, i + 1] });
})();
