// expect: memory_limit
// then: usable

(() => {
  const buffer = new ArrayBuffer(4e6);
  try {
    const all = [];
    for (;;) all.push(buffer.slice(0));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
