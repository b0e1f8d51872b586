// expect: memory_limit
// then: usable

// The matcher saves a state for every character.
(() => {
  const text = 'abc'.repeat(5e6);
  try {
    /^(?:(a)|(b)|(c))*$/.exec(text);
  } catch {
    // The hog pretends that nothing happened.
  }
})();
'done';
