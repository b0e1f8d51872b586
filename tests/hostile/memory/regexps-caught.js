// expect: memory_limit
// then: usable

(() => {
  try {
    const all = [];
    for (let i = 0; ; i++) all.push(new RegExp(`(a${i}|b)+c{2,5}`));
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
