// expect: memory_limit
// then: usable

(() => {
  const buffer = new ArrayBuffer(1, { maxByteLength: 2 ** 30 });
  try {
    for (let size = 1; ; size *= 2) buffer.resize(size);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
