// expect: memory_limit
// then: usable

// Names enter the table of atoms, which only ever grows while they are in use.
(() => {
  try {
    const all = [];
    for (let i = 0; ; i++) all.push(Symbol.for('key' + i));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
